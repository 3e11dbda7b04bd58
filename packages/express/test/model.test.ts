import { modelSuite } from '../../http/test/model/model-suite.ts'
import { expressDriver } from './driver.ts'

modelSuite(expressDriver)

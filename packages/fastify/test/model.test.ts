import { modelSuite } from '../../http/test/model/model-suite.ts'
import { fastifyDriver } from './driver.ts'

modelSuite(fastifyDriver)

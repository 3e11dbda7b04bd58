import { responseCacheSuite } from '../../http/test/response-cache-suite.ts'
import { expressDriver } from './driver.ts'

responseCacheSuite(expressDriver)

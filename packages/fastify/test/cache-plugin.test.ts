import { responseCacheSuite } from '../../http/test/response-cache-suite.ts'
import { fastifyDriver } from './driver.ts'

responseCacheSuite(fastifyDriver)

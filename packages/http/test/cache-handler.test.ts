import { bareDriver } from './cache-handler-driver.ts'
import { responseCacheSuite } from './response-cache-suite.ts'

responseCacheSuite(bareDriver)

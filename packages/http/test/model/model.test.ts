import { bareDriver } from '../cache-handler-driver.ts'
import { modelSuite } from './model-suite.ts'

modelSuite(bareDriver)

/** Before all real-browser tests: the demo district is made once. */
import { makeDemo } from './product'

export default makeDemo

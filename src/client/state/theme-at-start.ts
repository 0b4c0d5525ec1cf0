/** Imported first by main.ts: the chosen theme stands before anything is drawn, without an inline script. */
import { applyTheme, readKept } from './kept-preferences'

applyTheme(readKept())

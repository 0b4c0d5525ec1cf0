/** Parts of the form that the first screen does not need. Loaded when first shown; the service worker holds them already. */
import { defineAsyncComponent } from 'vue'

export const RowNotes = defineAsyncComponent(() => import('./RowNotes.vue'))
export const SectionFigure = defineAsyncComponent(() => import('./SectionFigure.vue'))
export const AbsenceDialog = defineAsyncComponent(() => import('#client/ui/fields/AbsenceDialog.vue'))
export const HistoryDialog = defineAsyncComponent(() => import('./HistoryDialog.vue'))

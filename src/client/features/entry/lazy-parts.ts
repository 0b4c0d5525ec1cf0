/** Parts of the form that the first screen does not need. Loaded when first shown; the service worker holds them already. */
import { defineAsyncComponent, type Component } from 'vue'
import { loadMessages } from '#client/i18n/i18n'

export const RowNotes = withReport(() => import('./RowNotes.vue'))
export const ReportBand = withReport(() => import('./ReportBand.vue'))
export const ReturnKeys = withReport(() => import('./ReturnKeys.vue'))
export const SectionFigure = defineAsyncComponent(() => import('./SectionFigure.vue'))
export const AbsenceDialog = defineAsyncComponent(() => import('#client/ui/fields/AbsenceDialog.vue'))
export const HistoryDialog = defineAsyncComponent(() => import('./HistoryDialog.vue'))

/** A part with the words about reports, which the form itself does without. */
function withReport<Part extends Component>(load: () => Promise<{ readonly default: Part }>) {
  return defineAsyncComponent(async () => (await Promise.all([load(), loadMessages('report')]))[0])
}

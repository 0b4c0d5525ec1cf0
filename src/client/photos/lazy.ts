/** Photos come with the first screen that shows them, never with the first load of a form. */
import { defineAsyncComponent } from 'vue'
import { loadMessages } from '#client/i18n/i18n'

export const EvidenceStrip = defineAsyncComponent(async () => {
  const [part] = await Promise.all([import('./EvidenceStrip.vue'), loadMessages('photo')])
  return part
})

export const EvidencePreview = defineAsyncComponent(async () => {
  const [part] = await Promise.all([import('./EvidencePreview.vue'), loadMessages('photo')])
  return part
})

/** Comments come with the first screen that shows them, never with the first load of a form. */
import { defineAsyncComponent } from 'vue'
import { loadMessages } from '#client/i18n/i18n'

export const CommentThread = defineAsyncComponent(async () => {
  const [part] = await Promise.all([import('./CommentThread.vue'), loadMessages('comment')])
  return part
})

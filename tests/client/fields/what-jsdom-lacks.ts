/** jsdom lays nothing out and opens no dialog: these do what a test can see of it. */
Element.prototype.scrollIntoView = () => undefined
HTMLDialogElement.prototype.showModal = function (this: HTMLDialogElement) {
  this.open = true
  // As a browser does: the first thing that can have the focus gets it.
  this.querySelector<HTMLElement>('input, textarea, select, button')?.focus()
}
HTMLDialogElement.prototype.close = function (this: HTMLDialogElement) {
  if (!this.open) return
  this.open = false
  this.dispatchEvent(new Event('close'))
}

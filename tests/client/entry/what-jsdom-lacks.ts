/** jsdom lays nothing out and opens no dialog: these do what a test can see of it. */
Element.prototype.scrollIntoView = () => undefined
HTMLDialogElement.prototype.showModal = function (this: HTMLDialogElement) {
  this.open = true
}
HTMLDialogElement.prototype.close = function (this: HTMLDialogElement) {
  this.open = false
}

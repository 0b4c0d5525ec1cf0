/** Waits until no field has the focus: neither a new version of the app nor a new plan interrupts typing. */
const FIELD = 'input, textarea, select, [contenteditable="true"]'

export function atQuietMoment(run: () => void): void {
  if (!isTyping()) {
    run()
    return
  }
  const look = () => {
    // The focus moves from field to field with one event each; look when it has arrived.
    queueMicrotask(() => {
      if (isTyping()) return
      document.removeEventListener('focusout', look)
      document.removeEventListener('focusin', look)
      run()
    })
  }
  document.addEventListener('focusout', look)
  document.addEventListener('focusin', look)
}

export function isTyping(): boolean {
  return document.activeElement?.matches(FIELD) ?? false
}

/** What Chromium 92 lacks of the browser's own interface and the app calls. Imported before everything that might call it. */
if (!('reportError' in globalThis)) {
  // The same effect: the error reaches the console and the window's `error` event, and the caller goes on.
  Object.assign(globalThis, {
    reportError: (error: unknown) => {
      setTimeout(() => {
        throw error
      })
    },
  })
}

export {}

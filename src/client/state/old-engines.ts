/** What Chromium 92 lacks and the app or its libraries call. Imported before everything that might call it. */
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

if (!Reflect.has(Object, 'hasOwn')) {
  // The store library asks by it when a store is patched.
  Object.assign(Object, {
    hasOwn: (thing: object, key: PropertyKey) => Object.prototype.hasOwnProperty.call(thing, key),
  })
}

export {}

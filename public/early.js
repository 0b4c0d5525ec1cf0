// The browser opens its storage while the app's own code is still being read: one of the slow parts of a start.
if (window.indexedDB && indexedDB.databases) indexedDB.databases().catch(function () {})

/*
 * The slowest part of a start is the storage: two databases, one after the other, each answer waiting for a busy thread. So while the
 * app's own code is still being fetched and compiled, this small script reads what the first screen shows, with the browser's bare
 * interface. `src/client/device/early-reading.ts` takes what it read; without it the app reads the same by itself, only later.
 */
;(function () {
  'use strict'
  if (!window.indexedDB) return

  /** Undefined where there is none: nothing is made here. */
  function open(name) {
    return new Promise(function (resolve) {
      var opening = indexedDB.open(name)
      opening.onupgradeneeded = function () {
        opening.transaction.abort()
      }
      opening.onsuccess = function () {
        var db = opening.result
        db.onversionchange = function () {
          db.close()
        }
        resolve(db)
      }
      opening.onerror = opening.onblocked = function () {
        resolve(undefined)
      }
    })
  }

  /** One transaction; `ask` makes all its requests, by name. Undefined when it fails. */
  function read(db, stores, ask) {
    return new Promise(function (resolve) {
      var tx = db.transaction(stores, 'readonly')
      var requests = ask(tx)
      tx.oncomplete = function () {
        var found = { version: db.version }
        for (var name in requests) found[name] = requests[name].result
        db.close()
        resolve(found)
      }
      tx.onabort = function () {
        db.close()
        resolve(undefined)
      }
    })
  }

  function readTablet() {
    return open('youxue-app').then(function (db) {
      return (
        db &&
        read(db, ['kv'], function (tx) {
          var kv = tx.objectStore('kv')
          return { rows: kv.getAll() }
        })
      )
    })
  }

  function readPerson(username) {
    var path = /^\/u\/([^/]+)\//.exec(location.pathname)
    var stream = path && 's/' + path[1]
    var name = 'youxue-' + username
    return open(name).then(function (db) {
      return (
        db &&
        read(db, ['kv', 'ctr', 'view', 'own', 'draft'], function (tx) {
          var kv = tx.objectStore('kv')
          var asked = { deviceName: kv.get('deviceName'), paused: kv.get('paused'), contact: kv.get('contact') }
          if (!stream) return asked
          asked.counter = tx.objectStore('ctr').get(stream)
          asked.view = tx.objectStore('view').get(stream)
          asked.own = tx.objectStore('own').index('open').getAll(stream)
          asked.drafts = tx.objectStore('draft').getAll(IDBKeyRange.bound([stream], [stream, []]))
          return asked
        }).then(function (found) {
          return found && Object.assign(found, { name: name, stream: stream || undefined })
        })
      )
    })
  }

  function nothing() {
    return undefined
  }

  /** Who was here last, so that both databases are opened at once. Only a hint: what is read of another person is not taken. */
  function lastPerson() {
    try {
      return localStorage.getItem('youxue.person')
    } catch {
      return null
    }
  }

  var username = lastPerson()
  if (!username) return
  window.youxueEarly = {
    name: 'youxue-' + username,
    tablet: readTablet().catch(nothing),
    person: readPerson(username).catch(nothing),
  }
})()

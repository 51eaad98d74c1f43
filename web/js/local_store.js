// A store of this browser's IndexedDB.

/** `request(mode, ask)` resolves to what `ask(objectStore)` asked for, once it is on the disk; `keyPath` names records. */
export function localStore(database, name, keyPath) {
  let opening = null;

  function open() {
    opening ??= new Promise((resolve, reject) => {
      const asked = indexedDB.open(database, 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore(name, { keyPath });
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
    return opening;
  }

  return async function request(mode, ask) {
    const transaction = (await open()).transaction(name, mode);
    const asked = ask(transaction.objectStore(name));
    transaction.commit();
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(asked?.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  };
}

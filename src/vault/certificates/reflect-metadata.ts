/**
 * The few functions of the metadata proposal that @peculiar/x509's dependency container asks for
 * while it loads. It keeps no metadata of its own that we would need, so a map per object suffices;
 * the full polyfill would be one more package that patches a global.
 */

type Metadata = Map<unknown, unknown>;

const store = new WeakMap<object, Metadata>();

function define(key: unknown, value: unknown, target: object): void {
  const known = store.get(target) ?? new Map();
  known.set(key, value);
  store.set(target, known);
}

function getOwn(key: unknown, target: object): unknown {
  return store.get(target)?.get(key);
}

function get(key: unknown, target: object): unknown {
  for (let at: object | null = target; at !== null; at = Object.getPrototypeOf(at)) {
    if (store.get(at)?.has(key)) return getOwn(key, at);
  }
  return undefined;
}

if (!('getMetadata' in Reflect)) {
  Object.assign(Reflect, {
    defineMetadata: define,
    getMetadata: get,
    getOwnMetadata: getOwn,
    hasMetadata: (key: unknown, target: object) => get(key, target) !== undefined,
    hasOwnMetadata: (key: unknown, target: object) => getOwn(key, target) !== undefined,
  });
}

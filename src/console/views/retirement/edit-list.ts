/** Changes to the lists and fields of a draft, which is never changed in place. */

/** @param next undefined removes the entry */
export function replaceAt<T>(list: readonly T[], index: number, next: T | undefined): T[] {
  return next === undefined
    ? list.filter((_, at) => at !== index)
    : list.map((entry, at) => (at === index ? next : entry));
}

/** A field that is emptied is left out, as a plan's file leaves it out. */
export function withField<T extends object, K extends keyof T>(
  whole: T,
  key: K,
  value: T[K] | undefined,
): T {
  const { [key]: _old, ...rest } = whole;
  // Only optional fields are ever emptied; the check of the draft says so of the others.
  return (value === undefined || value === '' ? rest : { ...rest, [key]: value }) as T;
}

/** Draws a fleet and the days of its machines from a seed: the same seed gives the same year. */

import { type Kind, kinds, type ProfileId } from './profiles.ts';

export interface Machine {
  readonly name: string;
  /** An address of its own on the loopback network. */
  readonly address: string;
  readonly kind: Kind;
  /** Becomes a client with a certificate late in the year; the others have a login all year. */
  readonly enrolled: boolean;
  /** First and last day of the year on which it may be heard of. */
  readonly firstDay: number;
  readonly lastDay: number;
  /** From this day on it speaks what its kind speaks after the change; Infinity if never. */
  readonly changeDay: number;
  /** From this day on something that reads TLS stands between it and the vault. */
  readonly inspectedFrom: number | undefined;
  readonly everyDays: number;
  /** Hour of the day, UTC, of its backups. */
  readonly hour: number;
  /** Bytes of a usual backup. */
  readonly size: number;
}

export type Draw = () => number;

/** Numbers from 0 up to 1, by Mulberry32. */
export function seededDraw(seed: number): Draw {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const sites = ['bern', 'graz', 'lyon', 'oslo', 'porto', 'turin', 'york'];
/** Certificates made so late in the year are good by the real clock, too, which TLS itself looks at. */
const enrolledDays = 25;

export function drawFleet(
  draw: Draw,
  { clients, days }: { readonly clients: number; readonly days: number },
): Machine[] {
  const machines = Array.from({ length: clients }, (_, index) =>
    drawMachine(draw, { index, clients, days }),
  );
  const inspected = machines.find(({ enrolled }) => enrolled);
  return machines.map((machine) =>
    machine === inspected ? { ...machine, inspectedFrom: days - 8 } : machine,
  );
}

function drawMachine(
  draw: Draw,
  { index, clients, days }: { index: number; clients: number; days: number },
): Machine {
  const kind = kindAt((index + 0.5) / clients);
  const site = sites[Math.floor(draw() * sites.length)];
  const enrolled = draw() < 0.12;
  const isChanging = draw() * 100 < kind.changing;
  const isSilent = draw() < 0.03;
  const joinsLate = draw() < 0.2;
  const firstDay = enrolled
    ? Math.max(days - enrolledDays, 0)
    : Math.floor((joinsLate ? draw() * 0.8 : 0) * days);
  return {
    name: `${site}-${kind.role}-${String(index + 1).padStart(3, '0')}`,
    address: `127.${20 + (index >> 8)}.${index & 255}.10`,
    kind,
    enrolled,
    firstDay,
    lastDay: isSilent ? Math.floor(days * (0.6 + draw() * 0.35)) : days,
    // Most changes come after the warnings have begun.
    changeDay: isChanging ? Math.floor(days * (0.15 + 0.75 * draw())) : Number.POSITIVE_INFINITY,
    inspectedFrom: undefined,
    everyDays: draw() < 0.12 ? 1 : 7,
    hour: Math.floor(draw() * 24),
    size: Math.floor(2 ** (9 + draw() * 7)),
  };
}

/** @param place from 0 to 1 through the fleet */
function kindAt(place: number): Kind {
  let end = 0;
  for (const kind of kinds) {
    end += kind.share;
    if (place * 100 < end) return kind;
  }
  throw new RangeError(`the shares of the kinds end at ${end}, before ${place * 100}`);
}

export function backsUpOn(machine: Machine, day: number): boolean {
  const { firstDay, lastDay, everyDays } = machine;
  return day >= firstDay && day < lastDay && (day - firstDay) % everyDays === 0;
}

export function profileOn(machine: Machine, day: number): ProfileId {
  if (machine.inspectedFrom !== undefined && day >= machine.inspectedFrom) return 'tls12';
  // An agent brings its own TLS.
  if (machine.enrolled) return 'hybrid';
  return day >= machine.changeDay ? machine.kind.after : machine.kind.before;
}

/** Two sockets as one line: bytes, ends and back-pressure in both directions, failure of one for both. */

import type { Duplex } from 'node:stream';

/** Both must allow half-open; when one has closed, the other ends as soon as it has sent what it has. */
export function joinSockets(a: Duplex, b: Duplex): void {
  a.pipe(b);
  b.pipe(a);
  closeWith(a, b);
  closeWith(b, a);
}

function closeWith(one: Duplex, other: Duplex): void {
  one.on('error', ignore);
  one.on('close', () => {
    // A side that ended in good order has already ended the other, which may still have to send.
    if (!one.readableEnded) other.destroy();
    else if (!other.writableFinished) other.end();
  });
}

function ignore(): void {
  // 'close' follows.
}

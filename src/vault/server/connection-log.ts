/** One log line for each connection that came to nothing: who, why, with which alert. */

import type { Logger } from 'pino';
import type { ConnectionObserver, ConnectionRecord } from '../../door/connection.ts';
import { bestVersion } from '../../tls/offer.ts';
import { versionName } from '../../tls/versions.ts';

const messages: Partial<Record<ConnectionRecord['outcome'], string>> = {
  failed: 'TLS handshake failed',
  refused: 'connection refused',
  brownout: 'connection refused in a brownout',
  'not-tls': 'not a TLS connection',
};

export function connectionLog(logger: Logger): ConnectionObserver {
  return {
    onEnd(record) {
      const { outcome, address, reason, alert, offer, client, fingerprint, listener } = record;
      const message = messages[outcome];
      if (message === undefined) return;
      const offered = offer === undefined ? undefined : bestVersion(offer);
      logger.warn(
        {
          from: address,
          listener,
          reason,
          alert,
          offered: offered === undefined ? undefined : versionName(offered),
          client: client?.name,
          fingerprint,
        },
        message,
      );
    },
  };
}

/** Tells several, in this order. */
export function observers(...all: readonly ConnectionObserver[]): ConnectionObserver {
  return {
    onVerdict: (record) => {
      for (const each of all) each.onVerdict?.(record);
    },
    onIdentity: (record) => {
      for (const each of all) each.onIdentity?.(record);
    },
    onEnd: (record) => {
      for (const each of all) each.onEnd(record);
    },
  };
}

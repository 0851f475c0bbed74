/**
 * TLS ends here: the socket with its unread hello goes to a hidden `tls.Server`, one for each distinct
 * policy, which keeps handshake timeout, resumption and the fast native path. The context is chosen
 * before TLS begins, because Node's SNICallback can change the certificate but not the policy.
 */

import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import tls from 'node:tls';
import type { Policy } from '../tls/policy.ts';
import { contextOptions } from '../tls/policy.ts';
import type { DoorConnection } from './door-connection.ts';
import { attachConnection, type Connection, connectionOf } from './door-connection.ts';
import { handshakeFailure } from './handshake-failure.ts';
import { readNegotiated } from './negotiated.ts';
import { giveBack } from './peek-hello.ts';

export interface Terminate {
  readonly kind: 'terminate';
  /**
   * Certificates, keys, client CAs, `ticketKeys`: what does not come from the policy. Read when a context
   * is made, and again by the door's `reload`.
   */
  secureContextOptions(): tls.SecureContextOptions & Pick<tls.TlsOptions, 'ticketKeys'>;
  readonly serverOptions?: Pick<
    tls.TlsOptions,
    'requestCert' | 'rejectUnauthorized' | 'ALPNProtocols' | 'SNICallback' | 'ALPNCallback'
  >;
  /** The socket's other half stays open when one ends (for a raw stream; HTTP does not want it). */
  readonly allowHalfOpen?: boolean;
  /**
   * `serve` (the rule): a brownout that answers inside TLS is a matter of `onSecure`. `alert`: what stands
   * behind the door cannot answer, so that such a brownout refuses by alert.
   */
  readonly softRefuse?: 'serve' | 'alert';
  /** Takes the socket over, as the `secureConnection` event of `tls.Server` does. */
  onSecure(socket: tls.TLSSocket, connection: Connection): void;
}

/** Of sessions: they are resumed under the same context options only. OpenSSL allows 32 bytes. */
const sessionContextLength = 32;
/** Each retirement can halve the policies, in each path; more than this is a plan gone wrong. */
const maxServers = 256;

export class Terminator {
  readonly #options: Terminate;
  readonly #handshakeMs: number;
  readonly #onProblem: (error: unknown) => void;
  #byPolicy = new WeakMap<Policy, tls.Server>();
  #bySettings = new Map<string, { readonly policy: Policy; readonly server: tls.Server }>();

  constructor(
    options: Terminate,
    more: { readonly handshakeMs: number; readonly onProblem: (error: unknown) => void },
  ) {
    this.#options = options;
    this.#handshakeMs = more.handshakeMs;
    this.#onProblem = more.onProblem;
  }

  /**
   * Gives a connection to the context of its policy.
   * @throws whatever `tls.createSecureContext` finds wrong with certificate or policy
   */
  serve(connection: DoorConnection, policy: Policy, taken: Uint8Array | undefined): void {
    const server = this.#serverFor(policy);
    const { socket } = connection;
    socket.allowHalfOpen = this.#options.allowHalfOpen ?? false;
    giveBack(socket, taken);
    server.emit('connection', socket);
  }

  /**
   * Makes every context anew; connections that exist keep theirs.
   * @throws what is wrong with the new certificate; then the contexts before stay in use
   */
  reload(): void {
    const fresh = new Map<string, { readonly policy: Policy; readonly server: tls.Server }>();
    for (const [settings, { policy }] of this.#bySettings) {
      fresh.set(settings, { policy, server: this.#makeServer(policy, settings) });
    }
    // Even when no context was in use yet, a broken certificate should be said now.
    if (fresh.size === 0) tls.createSecureContext(this.#options.secureContextOptions());
    this.#bySettings = fresh;
    this.#byPolicy = new WeakMap();
  }

  /** Looked up by identity first: a judge gives the same policy object for the same case. */
  #serverFor(policy: Policy): tls.Server {
    const known = this.#byPolicy.get(policy);
    if (known !== undefined) return known;
    const settings = JSON.stringify(settingsOf(policy));
    let entry = this.#bySettings.get(settings);
    if (entry === undefined) {
      entry = { policy, server: this.#makeServer(policy, settings) };
      if (this.#bySettings.size >= maxServers) this.#bySettings.clear();
      this.#bySettings.set(settings, entry);
    }
    this.#byPolicy.set(policy, entry.server);
    return entry.server;
  }

  #makeServer(policy: Policy, settings: string): tls.Server {
    const own = this.#options.secureContextOptions();
    const server = tls.createServer({
      ...settingsOf(policy),
      ...this.#options.serverOptions,
      ...own,
      sessionIdContext: sessionContext(own.sessionIdContext, settings),
      handshakeTimeout: this.#handshakeMs,
    });
    server.on('secureConnection', (socket) => this.#onSecure(socket));
    server.on('tlsClientError', (error, socket) => {
      const { reason, alert } = handshakeFailure(error);
      ownerOf(socket).fail(reason, alert);
    });
    return server;
  }

  #onSecure(socket: tls.TLSSocket): void {
    const connection = ownerOf(socket);
    attachConnection(socket, connection);
    connection.handshakeMs = performance.now() - connection.helloAtMs;
    const { verdict } = connection;
    connection.negotiated = readNegotiated(
      socket,
      verdict?.kind === 'refuse' ? undefined : verdict?.agreement,
    );
    connection.secureSocket = socket;
    socket.on('error', ignore);
    try {
      this.#options.onSecure(socket, connection);
    } catch (error) {
      this.#onProblem(error);
      socket.destroy();
    }
  }
}

function settingsOf(policy: Policy) {
  return contextOptions(policy, { openssl: process.versions.openssl });
}

/**
 * OpenSSL resumes a session of TLS 1.2 with its cipher suite even where the context has it no more, so
 * that a retirement would not reach clients that resume: sessions are bound to the policy.
 */
function sessionContext(own: string | undefined, settings: string): string {
  const name = `${own ?? 'sealift-door'} ${settings}`;
  return createHash('sha256').update(name).digest('hex').slice(0, sessionContextLength);
}

/**
 * The connection under a TLS socket. The server makes the TLS socket inside its event, so that only its
 * `_parent`, which Node has kept since 0.11, ties the two together.
 */
function ownerOf(socket: tls.TLSSocket): DoorConnection {
  const { _parent: parent } = socket as { _parent?: Socket };
  const connection = parent === undefined ? undefined : connectionOf(parent);
  if (connection === undefined) throw new TypeError('a TLS socket without the socket under it');
  return connection;
}

function ignore(): void {
  // Whoever serves the socket hears of the error too; without a listener it would end the process.
}

/** A mail server that keeps what it is given: enough SMTP (RFC 5321) with STARTTLS and AUTH PLAIN. */

import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  /** Header and text, lines ending with CRLF. */
  readonly data: string;
  /** Undefined when the connection was in the clear. */
  readonly tlsVersion: string | undefined;
  readonly login: string | undefined;
}

export interface SmtpSink {
  readonly port: number;
  readonly mails: readonly Mail[];
  /** Answers to RCPT TO from now on; 250 at first. */
  answerRecipients(code: number): void;
  close(): Promise<void>;
}

export interface SmtpSinkOptions {
  readonly cert: string;
  readonly key: string;
  /** TLS from the first byte, instead of by STARTTLS. */
  readonly implicitTls?: boolean;
  /** Offers no STARTTLS at all. */
  readonly clear?: boolean;
}

export async function startSmtpSink(options: SmtpSinkOptions): Promise<SmtpSink> {
  const mails: Mail[] = [];
  const sockets = new Set<Socket>();
  let recipientCode = 250;
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    socket.once('close', () => sockets.delete(socket));
    const session = new Session(options, mails, () => recipientCode);
    if (options.implicitTls === true) session.secure(socket, { greet: true });
    else session.speak(socket, { greet: true });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: portOf(server),
    mails,
    answerRecipients(code) {
      recipientCode = code;
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

class Session {
  readonly #options: SmtpSinkOptions;
  readonly #mails: Mail[];
  readonly #recipientCode: () => number;
  #from = '';
  #to: string[] = [];
  #login: string | undefined;

  constructor(options: SmtpSinkOptions, mails: Mail[], recipientCode: () => number) {
    this.#options = options;
    this.#mails = mails;
    this.#recipientCode = recipientCode;
  }

  secure(socket: Socket, { greet }: { greet: boolean }): void {
    const { cert, key } = this.#options;
    const secureContext = createSecureContext({ cert, key });
    this.speak(new TLSSocket(socket, { isServer: true, secureContext }), { greet });
  }

  speak(socket: Socket, { greet }: { greet: boolean }): void {
    let text = '';
    let inData = false;
    socket.on('error', () => undefined);
    const take = (part: Buffer): void => {
      text += part.toString('utf8');
      for (;;) {
        const mark = inData ? '\r\n.\r\n' : '\r\n';
        const end = text.indexOf(mark);
        if (end < 0) return;
        const piece = text.slice(0, end);
        text = text.slice(end + mark.length);
        if (inData) {
          inData = false;
          this.#keep(piece, socket);
          socket.write('250 kept\r\n');
        } else if (/^STARTTLS$/i.test(piece)) {
          socket.off('data', take);
          socket.write('220 go on\r\n', () => this.secure(socket, { greet: false }));
          return;
        } else {
          inData = /^DATA$/i.test(piece);
          socket.write(this.#answer(piece, socket));
          if (/^QUIT$/i.test(piece)) socket.end();
        }
      }
    };
    socket.on('data', take);
    if (greet) socket.write('220 sink ESMTP\r\n');
  }

  #answer(line: string, socket: Socket): string {
    const { clear, implicitTls } = this.#options;
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === 'EHLO') {
      const canUpgrade = clear !== true && implicitTls !== true && !(socket instanceof TLSSocket);
      return `250-sink\r\n${canUpgrade ? '250-STARTTLS\r\n' : ''}250 AUTH PLAIN\r\n`;
    }
    if (verb === 'AUTH') {
      this.#login = Buffer.from(line.split(' ')[2] ?? '', 'base64').toString('utf8');
      return '235 welcome\r\n';
    }
    if (verb === 'MAIL') this.#from = addressIn(line);
    if (verb === 'RCPT') {
      const code = this.#recipientCode();
      if (code !== 250) return `${code} not now\r\n`;
      this.#to.push(addressIn(line));
    }
    return verb === 'DATA' ? '354 say it\r\n' : verb === 'QUIT' ? '221 bye\r\n' : '250 ok\r\n';
  }

  #keep(data: string, socket: Socket): void {
    const tlsVersion =
      socket instanceof TLSSocket ? (socket.getProtocol() ?? undefined) : undefined;
    this.#mails.push({ from: this.#from, to: this.#to, data, tlsVersion, login: this.#login });
    this.#to = [];
  }
}

function addressIn(line: string): string {
  return /<([^>]*)>/.exec(line)?.[1] ?? '';
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

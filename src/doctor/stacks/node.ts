/** The hello of Node: OpenSSL's, with the versions and suites that Node sets on every context. */

import type { NodeTlsOptions } from '../facts/node/node-options.ts';
import type { OpensslCommand, OpensslInput } from './openssl.ts';
import { predictOpenssl } from './openssl.ts';
import type { StackOffer } from './stack-offer.ts';

export interface NodeInput {
  /** The OpenSSL in the program, or the system's if it is built so. */
  readonly openssl: OpensslInput;
  readonly options: NodeTlsOptions;
}

/** Since Node 12: DEFAULT_CIPHER_LIST_CORE in src/node_constants.h. */
const defaultCipherList =
  'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:' +
  'ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:' +
  'ECDHE-ECDSA-AES256-GCM-SHA384:DHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-SHA256:' +
  'DHE-RSA-AES128-SHA256:ECDHE-RSA-AES256-SHA384:DHE-RSA-AES256-SHA384:' +
  'ECDHE-RSA-AES256-SHA256:DHE-RSA-AES256-SHA256:HIGH:!aNULL:!eNULL:!EXPORT:!DES:!RC4:!MD5:' +
  '!PSK:!SRP:!CAMELLIA';

const protocolNames = {
  '1.0': 'TLSv1',
  '1.1': 'TLSv1.1',
  '1.2': 'TLSv1.2',
  '1.3': 'TLSv1.3',
} as const;

/**
 * The offer of a program that leaves tls.connect() its defaults. From a configuration file only what
 * Node does not set itself comes through: level, groups, signature algorithms, options.
 */
export function predictNode({ openssl, options }: NodeInput): StackOffer {
  const [suites13, older] = splitCipherList(options.cipherList ?? defaultCipherList);
  const commands: OpensslCommand[] = [
    ...openssl.commands,
    { command: 'MinProtocol', value: protocolNames[options.minVersion ?? '1.2'] },
    { command: 'MaxProtocol', value: protocolNames[options.maxVersion ?? '1.3'] },
    ...(suites13 === '' ? [] : [{ command: 'Ciphersuites', value: suites13 } as const]),
    { command: 'CipherString', value: older },
  ];
  return predictOpenssl({ ...openssl, commands });
}

/** lib/internal/tls/secure-context.js takes the names of TLS 1.3 out of the list. */
function splitCipherList(list: string): [suites13: string, older: string] {
  const names = list.split(':');
  const is13 = (name: string): boolean => name.startsWith('TLS_');
  return [
    names.filter(is13).join(':'),
    names.filter((name) => !is13(name) && name !== '').join(':'),
  ];
}

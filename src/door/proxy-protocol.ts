/**
 * The PROXY protocol, by which a proxy tells the server behind it who the client is
 * (HAProxy, proxy-protocol.txt, 2020-03-05).
 *
 * Version 1: `PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n`, at most 107 bytes (§2.1). Version 2 (§2.2):
 *
 * | offset | size | field                                                    |
 * | ------ | ---- | -------------------------------------------------------- |
 * | 0      | 12   | signature                                                |
 * | 12     | 1    | version 2 (high half), command: 0 LOCAL, 1 PROXY         |
 * | 13     | 1    | family: 1 IPv4, 2 IPv6, 3 UNIX (high half), protocol: 1 stream |
 * | 14     | 2    | size of what follows                                     |
 * | 16     | 12/36 | source and destination address, source and destination port |
 * |        |      | TLVs: type 1, length 2, value                            |
 *
 * The TLV 0x20 (§2.2.6): client bits 1, verify 4 (0 = verified), then TLVs of its own.
 */

import { isIPv4, isIPv6 } from 'node:net';
import { concatBytes } from '../base/bytes.ts';
import { uint16At } from '../tls/records.ts';
import { parseNetwork } from '../tls/retirement/networks.ts';
import { encodeNumber, encodeVector } from '../tls/vectors.ts';

const signature = new Uint8Array([
  0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a,
]);
const fixedSize = 16;
const version2 = 0x20;
const command = { local: 0, proxy: 1 } as const;
const family = { unspecified: 0x00, tcp4: 0x11, tcp6: 0x21 } as const;
const addressSize = { tcp4: 12, tcp6: 36 } as const;
const tlv = { alpn: 0x01, authority: 0x02, ssl: 0x20 } as const;
const sslTlv = { version: 0x21, commonName: 0x22, cipher: 0x23 } as const;
const sslClient = { tls: 0x01, certificateOnConnection: 0x02, certificateInSession: 0x04 } as const;

const version1Start = 'PROXY ';
const version1MaxSize = 107;
/** Of version 2 with its TLVs; real ones stay below 536 bytes, which §2.2 promises to fit a segment. */
const version2MaxSize = 4096;

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** What a terminating proxy knows of TLS. */
export interface ProxyTls {
  /** As OpenSSL writes it: `TLSv1.3`. */
  readonly version: string;
  readonly cipher: string;
  readonly alpn: string | undefined;
  readonly serverName: string | undefined;
  /** The common name of the client's certificate; undefined without one. */
  readonly commonName: string | undefined;
  /** Whether that certificate was verified. */
  readonly verified: boolean;
}

/** A header of version 2. Addresses of two families are written as IPv6. */
export function encodeProxyHeader(
  ends: { readonly source: Endpoint; readonly destination: Endpoint },
  tls?: ProxyTls,
): Uint8Array {
  const { source, destination } = ends;
  const isV4 = isIPv4(source.address) && isIPv4(destination.address);
  const isKnown = parseNetwork(source.address) !== undefined && source.address !== '';
  const addresses = isKnown
    ? concatBytes(
        addressBytes(source.address, isV4),
        addressBytes(destination.address, isV4),
        encodeNumber(source.port, 2),
        encodeNumber(destination.port, 2),
      )
    : new Uint8Array(0);
  const known = isV4 ? family.tcp4 : family.tcp6;
  const rest = concatBytes(addresses, tls === undefined ? new Uint8Array(0) : encodeTls(tls));
  return concatBytes(
    signature,
    new Uint8Array([version2 | command.proxy, isKnown ? known : family.unspecified]),
    encodeVector(2, rest),
  );
}

function addressBytes(address: string, isV4: boolean): Uint8Array {
  const bytes = parseNetwork(address)?.address ?? new Uint8Array(16);
  if (isV4 || bytes.byteLength === 16) return bytes;
  return concatBytes(new Uint8Array(10), new Uint8Array([0xff, 0xff]), bytes);
}

function encodeTls(tls: ProxyTls): Uint8Array {
  const hasCertificate = tls.commonName !== undefined;
  const client =
    sslClient.tls |
    (hasCertificate ? sslClient.certificateOnConnection | sslClient.certificateInSession : 0);
  const ssl = concatBytes(
    new Uint8Array([client]),
    // Zero means verified, and is also right where there was nothing to verify.
    new Uint8Array([0, 0, 0, hasCertificate && !tls.verified ? 1 : 0]),
    encodeTlv(sslTlv.version, tls.version),
    encodeTlv(sslTlv.cipher, tls.cipher),
    ...(tls.commonName === undefined ? [] : [encodeTlv(sslTlv.commonName, tls.commonName)]),
  );
  return concatBytes(
    ...(tls.alpn === undefined ? [] : [encodeTlv(tlv.alpn, tls.alpn)]),
    ...(tls.serverName === undefined ? [] : [encodeTlv(tlv.authority, tls.serverName)]),
    new Uint8Array([tlv.ssl]),
    encodeVector(2, ssl),
  );
}

function encodeTlv(type: number, text: string): Uint8Array {
  return concatBytes(new Uint8Array([type]), encodeVector(2, Buffer.from(text)));
}

export type ProxyHeader =
  | { readonly kind: 'more' }
  | {
      readonly kind: 'header';
      /** Undefined for the proxy's own connections (health checks) and for unknown families. */
      readonly source: Endpoint | undefined;
      readonly size: number;
    }
  | { readonly kind: 'fault'; readonly message: string };

const more: ProxyHeader = { kind: 'more' };

/** Reads a header of either version from the first bytes of a connection; never throws. */
export function readProxyHeader(bytes: Uint8Array): ProxyHeader {
  if (bytes.byteLength === 0) return more;
  return bytes[0] === signature[0] ? readVersion2(bytes) : readVersion1(bytes);
}

function readVersion1(bytes: Uint8Array): ProxyHeader {
  const text = Buffer.from(bytes.subarray(0, version1MaxSize)).toString('latin1');
  const start = text.slice(0, version1Start.length);
  if (!version1Start.startsWith(start)) return fault('no PROXY header');
  const end = text.indexOf('\r\n');
  if (end < 0) {
    return bytes.byteLength < version1MaxSize ? more : fault('a PROXY line without an end');
  }
  const size = end + 2;
  const [, kind, address = '', , port = ''] = text.slice(0, end).split(' ');
  if (kind === 'UNKNOWN') return { kind: 'header', source: undefined, size };
  const isAddress = kind === 'TCP4' ? isIPv4(address) : kind === 'TCP6' && isIPv6(address);
  if (!isAddress || !/^\d{1,5}$/.test(port) || Number(port) > 0xffff) {
    return fault('a PROXY line that is not valid');
  }
  return { kind: 'header', source: { address, port: Number(port) }, size };
}

function readVersion2(bytes: Uint8Array): ProxyHeader {
  const isSigned = signature.every(
    (byte, index) => bytes[index] === undefined || bytes[index] === byte,
  );
  if (!isSigned) return fault('no PROXY header');
  if (bytes.byteLength < fixedSize) return more;
  const verb = (bytes[12] ?? 0) ^ version2;
  if (verb !== command.local && verb !== command.proxy) return fault('an unknown PROXY command');
  const size = fixedSize + uint16At(bytes, 14);
  if (size > version2MaxSize) return fault(`a PROXY header of ${size} bytes`);
  if (bytes.byteLength < size) return more;
  const source = verb === command.proxy ? readSource(bytes.subarray(0, size)) : undefined;
  if (source === 'short') return fault('a PROXY header without its addresses');
  return { kind: 'header', source, size };
}

function readSource(header: Uint8Array): Endpoint | undefined | 'short' {
  const kind = header[13];
  if (kind !== family.tcp4 && kind !== family.tcp6) return undefined;
  const size = kind === family.tcp4 ? addressSize.tcp4 : addressSize.tcp6;
  if (header.byteLength < fixedSize + size) return 'short';
  const isV4 = kind === family.tcp4;
  const address = header.subarray(fixedSize, fixedSize + (isV4 ? 4 : 16));
  return {
    address: isV4 ? Array.from(address).join('.') : ipv6Text(address),
    port: uint16At(header, fixedSize + (isV4 ? 8 : 32)),
  };
}

/** As sockets write it (RFC 5952): the URL parser knows how to shorten. */
function ipv6Text(address: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, index) => uint16At(address, index * 2).toString(16));
  if (groups.slice(0, 6).join(':') === '0:0:0:0:0:ffff') {
    return Array.from(address.subarray(12)).join('.');
  }
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

function fault(message: string): ProxyHeader {
  return { kind: 'fault', message };
}

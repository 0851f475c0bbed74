/**
 * The extensions of a ClientHello that the decision or the fingerprint needs: read from their
 * payloads, and written for probes and tests. Others are kept as bytes and not looked into.
 */

import { ByteReader, concatBytes } from '../base/bytes.ts';
import type { RawExtension } from './client-hello.ts';
import { extensionCode } from './extensions.ts';
import type { Offer } from './offer.ts';
import {
  encodeNumber,
  encodeNumbers,
  encodeVector,
  expectEnd,
  MalformedError,
  parseNumberList,
  readVector,
} from './vectors.ts';
import { isGrease, isGreaseByte } from './versions.ts';

/** The part of an offer that stands in extensions. */
export type ExtensionFields = Pick<
  Offer,
  | 'versions'
  | 'serverName'
  | 'alpn'
  | 'groups'
  | 'keyShares'
  | 'signatureSchemes'
  | 'certificateSignatureSchemes'
  | 'pointFormats'
  | 'pskModes'
  | 'serverCertificateTypes'
  | 'clientCertificateTypes'
  | 'sessionTicket'
  | 'preSharedKey'
  | 'earlyData'
  | 'extendedMasterSecret'
  | 'encryptThenMac'
  | 'secureRenegotiation'
  | 'statusRequest'
  | 'encryptedClientHello'
  | 'grease'
>;

type MutableFields = { -readonly [Field in keyof ExtensionFields]: ExtensionFields[Field] };

export const noExtensionFields: ExtensionFields = {
  versions: undefined,
  serverName: undefined,
  alpn: undefined,
  groups: undefined,
  keyShares: undefined,
  signatureSchemes: undefined,
  certificateSignatureSchemes: undefined,
  pointFormats: undefined,
  pskModes: undefined,
  serverCertificateTypes: undefined,
  clientCertificateTypes: undefined,
  sessionTicket: 'absent',
  preSharedKey: false,
  earlyData: false,
  extendedMasterSecret: false,
  encryptThenMac: false,
  secureRenegotiation: false,
  statusRequest: false,
  encryptedClientHello: undefined,
  grease: false,
};

/** RFC 6066 §3 and what OpenSSL accepts. */
const maxServerNameSize = 255;
const hostNameType = 0;
const echInner = 1;

/** @throws MalformedError where OpenSSL, too, would refuse the payload */
export function parseExtensionFields(extensions: readonly RawExtension[]): ExtensionFields {
  const fields: MutableFields = { ...noExtensionFields };
  for (const { type, data } of extensions) readers[type]?.(fields, data);
  return fields;
}

type Reader = (fields: MutableFields, data: Uint8Array) => void;

const readers: Readonly<Record<number, Reader>> = {
  [extensionCode.server_name]: (fields, data) => {
    fields.serverName = parseServerName(data);
  },
  [extensionCode.status_request]: (fields) => {
    fields.statusRequest = true;
  },
  [extensionCode.supported_groups]: (fields, data) => {
    fields.groups = codes(fields, parseNumberList(data, 2, 2, 'supported_groups'));
  },
  [extensionCode.ec_point_formats]: (fields, data) => {
    fields.pointFormats = parseNumberList(data, 1, 1, 'ec_point_formats');
  },
  [extensionCode.signature_algorithms]: (fields, data) => {
    fields.signatureSchemes = codes(fields, parseNumberList(data, 2, 2, 'signature_algorithms'));
  },
  [extensionCode.application_layer_protocol_negotiation]: (fields, data) => {
    fields.alpn = parseAlpn(fields, data);
  },
  [extensionCode.client_certificate_type]: (fields, data) => {
    fields.clientCertificateTypes = parseNumberList(data, 1, 1, 'client_certificate_type');
  },
  [extensionCode.server_certificate_type]: (fields, data) => {
    fields.serverCertificateTypes = parseNumberList(data, 1, 1, 'server_certificate_type');
  },
  [extensionCode.encrypt_then_mac]: (fields) => {
    fields.encryptThenMac = true;
  },
  [extensionCode.extended_master_secret]: (fields, data) => {
    if (data.byteLength > 0) throw new MalformedError('extended_master_secret', 'is not empty');
    fields.extendedMasterSecret = true;
  },
  [extensionCode.session_ticket]: (fields, data) => {
    fields.sessionTicket = data.byteLength === 0 ? 'empty' : 'present';
  },
  [extensionCode.pre_shared_key]: (fields) => {
    fields.preSharedKey = true;
  },
  [extensionCode.early_data]: (fields) => {
    fields.earlyData = true;
  },
  [extensionCode.supported_versions]: (fields, data) => {
    fields.versions = codes(fields, parseNumberList(data, 1, 2, 'supported_versions'));
  },
  [extensionCode.psk_key_exchange_modes]: (fields, data) => {
    const modes = parseNumberList(data, 1, 1, 'psk_key_exchange_modes');
    fields.pskModes = modes.filter((mode) => !isGreaseByte(mode));
    fields.grease ||= modes.some(isGreaseByte);
  },
  [extensionCode.signature_algorithms_cert]: (fields, data) => {
    const schemes = parseNumberList(data, 2, 2, 'signature_algorithms_cert');
    fields.certificateSignatureSchemes = codes(fields, schemes);
  },
  [extensionCode.key_share]: (fields, data) => {
    fields.keyShares = codes(fields, parseKeyShares(data));
  },
  [extensionCode.encrypted_client_hello]: (fields, data) => {
    fields.encryptedClientHello = data[0] === echInner ? 'inner' : 'outer';
  },
  [extensionCode.renegotiation_info]: (fields, data) => {
    const reader = new ByteReader(data);
    readVector(reader, 1, 'renegotiation_info');
    expectEnd(reader, 'renegotiation_info');
    fields.secureRenegotiation = true;
  },
};

/** Registry codes without GREASE; notes that there was some. */
function codes(fields: MutableFields, numbers: readonly number[]): number[] {
  const known = numbers.filter((number) => !isGrease(number));
  fields.grease ||= known.length < numbers.length;
  return known;
}

function parseServerName(data: Uint8Array): string {
  const field = 'server_name';
  const outer = new ByteReader(data);
  const list = new ByteReader(readVector(outer, 2, field));
  expectEnd(outer, field);
  const type = list.uint8(field);
  const name = readVector(list, 2, field);
  expectEnd(list, field);
  if (type !== hostNameType) {
    throw new MalformedError(field, `is of type ${type}`, 'unrecognized_name');
  }
  if (name.byteLength === 0 || name.byteLength > maxServerNameSize || name.includes(0)) {
    throw new MalformedError(field, 'is not a host name', 'unrecognized_name');
  }
  return byteText(name);
}

function parseAlpn(fields: MutableFields, data: Uint8Array): string[] {
  const field = 'application_layer_protocol_negotiation';
  const outer = new ByteReader(data);
  const list = new ByteReader(readVector(outer, 2, field));
  expectEnd(outer, field);
  if (list.left === 0) throw new MalformedError(field, 'is an empty list');
  const protocols: string[] = [];
  while (list.left > 0) {
    const protocol = readVector(list, 1, field);
    if (protocol.byteLength === 0) throw new MalformedError(field, 'has an empty name');
    const isReserved =
      protocol.byteLength === 2 && isGrease(((protocol[0] ?? 0) << 8) | (protocol[1] ?? 0));
    if (isReserved) fields.grease = true;
    else protocols.push(byteText(protocol));
  }
  return protocols;
}

function parseKeyShares(data: Uint8Array): number[] {
  const field = 'key_share';
  const outer = new ByteReader(data);
  const list = new ByteReader(readVector(outer, 2, field));
  expectEnd(outer, field);
  const groups: number[] = [];
  while (list.left > 0) {
    groups.push(list.uint16(field));
    if (readVector(list, 2, field).byteLength === 0) throw new MalformedError(field, 'is empty');
  }
  return groups;
}

/** One character for each byte. */
function byteText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** Payloads of extensions, for hellos that we send. Each returns the whole extension. */
export const helloExtension = {
  serverName(name: string): RawExtension {
    const entry = concatBytes(encodeNumber(hostNameType, 1), encodeVector(2, bytesOf(name)));
    return { type: extensionCode.server_name, data: encodeVector(2, entry) };
  },
  alpn(protocols: readonly string[]): RawExtension {
    return {
      type: extensionCode.application_layer_protocol_negotiation,
      data: encodeVector(2, ...protocols.map((protocol) => encodeVector(1, bytesOf(protocol)))),
    };
  },
  supportedVersions(versions: readonly number[]): RawExtension {
    return numberList(extensionCode.supported_versions, 1, 2, versions);
  },
  supportedGroups(groups: readonly number[]): RawExtension {
    return numberList(extensionCode.supported_groups, 2, 2, groups);
  },
  signatureAlgorithms(schemes: readonly number[]): RawExtension {
    return numberList(extensionCode.signature_algorithms, 2, 2, schemes);
  },
  signatureAlgorithmsCert(schemes: readonly number[]): RawExtension {
    return numberList(extensionCode.signature_algorithms_cert, 2, 2, schemes);
  },
  pointFormats(formats: readonly number[]): RawExtension {
    return numberList(extensionCode.ec_point_formats, 1, 1, formats);
  },
  pskKeyExchangeModes(modes: readonly number[]): RawExtension {
    return numberList(extensionCode.psk_key_exchange_modes, 1, 1, modes);
  },
  keyShare(shares: readonly { readonly group: number; readonly key: Uint8Array }[]): RawExtension {
    const entries = shares.map(({ group, key }) =>
      concatBytes(encodeNumber(group, 2), encodeVector(2, key)),
    );
    return { type: extensionCode.key_share, data: encodeVector(2, ...entries) };
  },
  renegotiationInfo(): RawExtension {
    return { type: extensionCode.renegotiation_info, data: encodeVector(1) };
  },
  /** An extension without content: extended_master_secret, encrypt_then_mac, session_ticket. */
  empty(type: number): RawExtension {
    return { type, data: new Uint8Array(0) };
  },
} as const;

function numberList(
  type: number,
  width: 1 | 2,
  numberWidth: 1 | 2,
  numbers: readonly number[],
): RawExtension {
  return { type, data: encodeVector(width, encodeNumbers(numbers, numberWidth)) };
}

function bytesOf(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'));
}

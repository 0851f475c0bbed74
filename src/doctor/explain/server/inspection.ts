/** Signs that a certificate is not the server's own, and which names are public at all. */

import net from 'node:net';

/** Products that end TLS connections and sign for every name; matched in the issuer. */
const vendors: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['Zscaler', /zscaler/i],
  ['Symantec / Blue Coat ProxySG', /blue ?coat|proxysg|symantec web/i],
  ['Palo Alto Networks', /palo ?alto|pan-?os/i],
  ['Fortinet', /forti(?:net|gate|guard)/i],
  ['Sophos', /sophos/i],
  ['Cisco Umbrella', /cisco umbrella|opendns/i],
  ['Cisco Secure Web Appliance', /ironport|cisco web security/i],
  ['Skyhigh / McAfee Web Gateway', /mcafee web|skyhigh/i],
  ['Netskope', /netskope|goskope/i],
  ['Forcepoint / Websense', /forcepoint|websense/i],
  ['Barracuda', /barracuda/i],
  ['Check Point', /check ?point/i],
  ['WatchGuard', /watchguard/i],
  ['SonicWall', /sonicwall/i],
  ['Untangle', /untangle/i],
  ['iboss', /\biboss\b/i],
  ['Menlo Security', /menlo security/i],
  ['Kaspersky', /kaspersky/i],
  ['ESET', /\beset\b/i],
  ['Avast / AVG', /avast|\bavg\b/i],
  ['Bitdefender', /bitdefender/i],
  ['AdGuard', /adguard/i],
  ['Squid', /\bsquid\b/i],
  ['mitmproxy', /mitmproxy/i],
  ['Fiddler', /fiddler/i],
  ['Charles', /charles proxy/i],
  ['Burp Suite', /portswigger/i],
  ['Sangfor', /sangfor|深信服/i],
  ['Hillstone', /hillstone/i],
  ['QAX', /qi-?anxin|奇安信/i],
  ['NSFOCUS', /nsfocus|绿盟/i],
  ['Huawei USG', /huawei.*(?:usg|firewall)/i],
];

/** The product that an issuer's name belongs to. @param issuer as X.509 writes it, one part a line */
export function findInspector(issuer: string): string | undefined {
  return vendors.find(([, pattern]) => pattern.test(issuer))?.[0];
}

/** Endings that no public authority signs (RFC 6761, RFC 6762, and common private ones). */
const privateEnding =
  /\.(?:local|lan|internal|intranet|corp|home|private|localdomain|test|example|invalid|localhost|home\.arpa)$/i;

/** True for a name that a public authority could sign: not an address, not a name of one network. */
export function isPublicName(host: string): boolean {
  return net.isIP(host) === 0 && host.includes('.') && !privateEnding.test(host);
}

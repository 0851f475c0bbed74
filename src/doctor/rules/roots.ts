/** Root certificates at which Azure's chains end. Source: Microsoft, "Azure TLS certificate changes". */

export interface RootRow {
  readonly name: string;
  /** SHA-1. */
  readonly thumbprint: string;
  /** Expired: its absence harms nothing. */
  readonly isOld: boolean;
}

export const azureRoots: readonly RootRow[] = [
  root('Baltimore CyberTrust Root', 'd4de20d05e66fc53fe1a50882c78db2852cae474', { isOld: true }),
  root('DigiCert Global Root G2', 'df3c24f9bfd666761b268073fe06d1cc8d4f82a4'),
  root('DigiCert Global Root CA', 'a8985d3a65e5e5c4b2d7d66d40c6dd2fb19c5436'),
  root('D-TRUST Root Class 3 CA 2 2009', '58e8abb0361533fb80f79b1b6d29d3ff8d5f00f0'),
  root('Microsoft RSA Root Certificate Authority 2017', '73a5e64a3bff8316ff0edccc618a906e4eae4d74'),
  root('Microsoft ECC Root Certificate Authority 2017', '999a64c37ff47d9fab95f14769891460eec4c3c5'),
];

function root(name: string, thumbprint: string, { isOld = false } = {}): RootRow {
  return { name, thumbprint, isOld };
}

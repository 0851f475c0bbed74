/**
 * The security properties of a Java runtime: its `java.security`, what a distribution and an
 * administrator put over it, and the system properties of the command line that change its TLS.
 */

import type { Property } from './properties.ts';
import { parseProperties } from './properties.ts';

export interface PropertiesFile {
  readonly file: string;
  readonly text: string;
}

export interface SecuritySetting {
  readonly value: string;
  readonly file: string;
  readonly line: number;
}

export interface SecurityFiles {
  /** `conf/security/java.security`, in Java 8 `lib/security/java.security`. */
  readonly base: PropertiesFile;
  /** Red Hat's `/etc/crypto-policies/back-ends/java.config`, which counts if the base asks for it. */
  readonly system?: PropertiesFile;
  /** `-Djava.security.properties=FILE`; with two equals signs it replaces all. */
  readonly override?: PropertiesFile & { readonly replaces: boolean };
  /** A file that an `include` line names (Java 24). */
  readonly include?: (path: string) => PropertiesFile | undefined;
}

/** What matters to TLS; the rest of the file is not kept. */
export const tlsProperties = [
  'jdk.tls.disabledAlgorithms',
  'jdk.tls.legacyAlgorithms',
  'jdk.certpath.disabledAlgorithms',
  'jdk.disabled.namedCurves',
  'security.overridePropertiesFile',
  'security.useSystemPropertiesFile',
] as const;

/** System properties, from `-D` options. */
export const tlsSystemProperties = [
  'jdk.tls.client.protocols',
  'jdk.tls.client.cipherSuites',
  'jdk.tls.client.SignatureSchemes',
  'jdk.tls.namedGroups',
  'https.protocols',
  'https.cipherSuites',
  'java.security.properties',
] as const;

const maxIncludeDepth = 8;

export function readSecurityProperties(files: SecurityFiles): Map<string, SecuritySetting> {
  const settings = new Map<string, SecuritySetting>();
  const load = (from: PropertiesFile, depth: number): void => {
    for (const property of parseProperties(from.text)) {
      const included = property.key === 'include' ? files.include?.(property.value) : undefined;
      if (included !== undefined && depth < maxIncludeDepth) load(included, depth + 1);
      else keep(settings, property, from.file);
    }
  };
  load(files.base, 0);
  const isOn = (name: string): boolean => settings.get(name)?.value.trim().toLowerCase() === 'true';
  if (files.system !== undefined && isOn('security.useSystemPropertiesFile')) load(files.system, 0);
  if (files.override !== undefined && isOn('security.overridePropertiesFile')) {
    if (files.override.replaces) settings.clear();
    load(files.override, 0);
  }
  return settings;
}

function keep(
  settings: Map<string, SecuritySetting>,
  { key, value, line }: Property,
  file: string,
): void {
  if ((tlsProperties as readonly string[]).includes(key)) settings.set(key, { value, file, line });
}

/** The system properties that matter, from a command line or JAVA_TOOL_OPTIONS; the last counts. */
export function readSystemProperties(options: readonly string[]): Map<string, string> {
  const properties = new Map<string, string>();
  for (const option of options) {
    const match = /^-D([^=]+)=(.*)$/s.exec(option);
    const [, name = '', value = ''] = match ?? [];
    if ((tlsSystemProperties as readonly string[]).includes(name)) properties.set(name, value);
  }
  return properties;
}

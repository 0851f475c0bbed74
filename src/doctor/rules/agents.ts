/** What each consumer of TLS needs: its stacks, its server, its own conditions. */

import type { ConsumerId, StackId } from '../verdicts/verdict.ts';
import type { SourceId } from './sources.ts';

export interface ConsumerRow {
  readonly id: ConsumerId;
  /** Stacks of Windows that all must be ready; none for programs that bring their own TLS. */
  readonly stacks: readonly StackId[];
  /** The policy of the server that it usually talks to. */
  readonly server: 'azure' | 'intermediate';
  /** Known clients whose hellos it may send, by its version, for programs that bring their own TLS. */
  readonly ownHellos?: readonly string[];
  readonly sources: readonly SourceId[];
}

export const consumerRows: readonly ConsumerRow[] = [
  {
    id: 'azure-backup',
    stacks: ['winhttp-64', 'dotnet4-64'],
    server: 'azure',
    sources: ['azureBackupTls', 'kb4022913', 'marsSupport'],
  },
  {
    id: 'dpm',
    stacks: ['winhttp-64', 'dotnet4-64'],
    server: 'azure',
    sources: ['dpmTls', 'azureBackupTls', 'sqlServerTls'],
  },
  { id: 'dotnet', stacks: ['dotnet4-64', 'dotnet4-32'], server: 'azure', sources: ['dotNetTls'] },
  { id: 'powershell', stacks: ['dotnet4-64'], server: 'azure', sources: ['dotNetTls'] },
  // Schannel's default list, URLSession of macOS, the OpenSSL of Linux.
  { id: 'system', stacks: ['schannel'], server: 'azure', sources: ['schannelProtocols'] },
  { id: 'java', stacks: [], server: 'azure', sources: ['measured'] },
  {
    id: 'sealift',
    stacks: [],
    server: 'intermediate',
    ownHellos: ['node-22', 'node-26'],
    sources: ['measured'],
  },
  {
    id: 'restic',
    stacks: [],
    server: 'intermediate',
    ownHellos: ['restic-0.9', 'restic-0.18'],
    sources: ['measured'],
  },
];

/**
 * The first agent of which KB4022913 does not speak: older ones were built for .NET 4.5, which prefers
 * TLS 1.0 unless the registry says otherwise.
 */
export const firstModernMars = '2.0.9118.0';
/** Older agents ended with the service that they logged in to. */
export const oldestWorkingMars = '2.0.9083.0';
/** Source: Microsoft, "Troubleshoot the MARS agent". */
export const marsNeedsDotNet = '4.5.2';
/** Source: DPM Cookbook. */
export const dpmNeedsDotNet = '4.6';
export const marsNeedsPowerShell = '3.0';

/**
 * From lines to failures. Hits that stand close together tell of one failure; failures with the same
 * leading cause are the same failure again. Memory holds one entry for each cause and signature,
 * however long the log is.
 */

import { findSignatures, type Hit, keyOf } from './find-signatures.ts';
import type { CauseId } from './knowledge/causes.ts';
import type { Reading, Signature, Weights } from './knowledge/signature.ts';
import { rankCauses, type Statement } from './rank.ts';

/** A signature in the text, with its latest place. */
export interface Evidence {
  readonly signature: Signature;
  readonly alert: string | undefined;
  /** Counted from 1. */
  readonly line: number;
  /** The line, cut to a readable length around the find. */
  readonly text: string;
  readonly count: number;
  readonly weights: Weights;
}

/** A failure, as often as it occurs in the text. */
export interface FoundFailure {
  readonly leading: CauseId | undefined;
  readonly count: number;
  readonly firstLine: number;
  readonly lastLine: number;
  readonly evidence: readonly Evidence[];
}

/** A hit so many lines after the last one belongs to the next failure. */
const gapLines = 20;
/** Longer lines are data, not messages. */
const maxLineLength = 16 * 1024;
const quoteLength = 200;
/** What the latest failure is worth against the most frequent one, as a share of all failures. */
const latestBonus = 0.5;

/** The beginning of an entry of a log: a date, a time, the columns of a MARS log, the head of an event. */
const entryStart =
  /^\W{0,3}(?:\d{4}[-/.]\d\d?[-/.]\d\d?|\d\d?[-/.]\d\d?(?:[-/.]\d{2,4})?[ ,]+\d\d?:\d\d|\d\d:\d\d:\d\d|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* +\d|[0-9A-F]{2,5}[ \t]+[0-9A-F]{2,5}[ \t]+\d\d\/\d\d|Log Name:|日志名称|<Event\b)/;

interface Episode {
  readonly opening: string;
  readonly firstLine: number;
  lastLine: number;
  readonly evidence: Map<string, Evidence>;
}

interface Group {
  readonly leading: CauseId | undefined;
  count: number;
  readonly firstLine: number;
  lastLine: number;
  readonly evidence: Map<string, Evidence>;
}

export class FailureCollector {
  #line = 0;
  #entryLine = 0;
  #episode: Episode | undefined;
  readonly #groups = new Map<CauseId | undefined, Group>();

  /** The next line of the text. */
  add(text: string): void {
    this.#line += 1;
    const line = text.length > maxLineLength ? text.slice(0, maxLineLength) : text;
    if (entryStart.test(line)) this.#entryLine = this.#line;
    const hits = findSignatures(line);
    const [first] = hits;
    if (first === undefined) return;
    if (this.#isNewFailure(hits)) this.#close();
    this.#episode ??= {
      opening: keyOf(first.signature, first.alert),
      firstLine: this.#line,
      lastLine: this.#line,
      evidence: new Map(),
    };
    this.#episode.lastLine = this.#line;
    for (const hit of hits) this.#note(this.#episode.evidence, hit, line);
  }

  get lineCount(): number {
    return this.#line;
  }

  /** Failures of all lines, the most frequent or the latest first. */
  finish(): FoundFailure[] {
    this.#close();
    const groups = [...this.#groups.values()];
    const total = groups.reduce((sum, group) => sum + group.count, 0);
    const latest = Math.max(...groups.map(({ lastLine }) => lastLine));
    const rank = ({ count, lastLine }: Group): number =>
      count / total + (lastLine === latest ? latestBonus : 0);
    return groups
      .sort((a, b) => rank(b) - rank(a))
      .map((group) => ({ ...group, evidence: [...group.evidence.values()] }));
  }

  /**
   * True after a gap, or when an entry of its own begins with the sign that began the failure before:
   * an event log repeats itself without any lines between.
   */
  #isNewFailure(hits: readonly Hit[]): boolean {
    const episode = this.#episode;
    if (episode === undefined) return false;
    if (this.#line - episode.lastLine > gapLines) return true;
    const repeats = hits.some(
      ({ signature, alert }) => keyOf(signature, alert) === episode.opening,
    );
    return repeats && this.#entryLine > episode.lastLine;
  }

  #note(evidence: Map<string, Evidence>, hit: Hit, line: string): void {
    const { signature, alert, weights, offset } = hit;
    const key = keyOf(signature, alert);
    const count = (evidence.get(key)?.count ?? 0) + 1;
    const text = quote(line, offset);
    evidence.set(key, { signature, alert, weights, count, line: this.#line, text });
  }

  #close(): void {
    const episode = this.#episode;
    if (episode === undefined) return;
    this.#episode = undefined;
    const { firstLine, lastLine } = episode;
    const leading = rankCauses(statementsOf([...episode.evidence.values()]))[0]?.cause;
    const group = this.#groups.get(leading) ?? {
      leading,
      count: 0,
      ...{ firstLine, lastLine, evidence: new Map<string, Evidence>() },
    };
    group.count += 1;
    group.lastLine = lastLine;
    for (const [key, one] of episode.evidence) {
      const count = one.count + (group.evidence.get(key)?.count ?? 0);
      group.evidence.set(key, { ...one, count });
    }
    this.#groups.set(leading, group);
  }
}

/**
 * What a ranking makes of evidence: equal readings (and equal alerts) are one statement, and a message
 * that only reports a failure counts half beside one that gives a reason.
 */
export function statementsOf(evidence: readonly Evidence[]): Statement[] {
  const hasReason = evidence.some(({ signature }) => !reports.has(signature.reading));
  return evidence.map(({ signature, alert, weights }) => ({
    key: alert === undefined ? signature.reading : `${signature.reading} ${alert}`,
    weights: hasReason && reports.has(signature.reading) ? halved(weights) : weights,
  }));
}

const reports: ReadonlySet<Reading> = new Set(['handshake-failed', 'connection-failed']);

function halved(weights: Weights): Weights {
  return Object.fromEntries(Object.entries(weights).map(([cause, weight]) => [cause, weight / 2]));
}

/** A part of a long line around the find. */
function quote(line: string, offset: number): string {
  const text = line.trim();
  if (text.length <= quoteLength) return text;
  const start = Math.max(0, Math.min(offset - 60, text.length - quoteLength));
  const part = text.slice(start, start + quoteLength).toWellFormed();
  return `${start > 0 ? '…' : ''}${part.trim()}${start + quoteLength < text.length ? '…' : ''}`;
}

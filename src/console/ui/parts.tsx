/** Small parts of every page: cards, badges, times, buttons that copy or download. */

import {
  Check,
  CircleCheck,
  CircleHelp,
  CircleX,
  Copy,
  Info,
  type LucideIcon,
  TriangleAlert,
} from 'lucide-react';
import { type ReactNode, useEffect, useId, useState } from 'react';
import { useSay } from '../hooks/settings.ts';
import { useNow } from '../hooks/use-now.ts';
import { useFormat } from './format.ts';

export type Tone = 'good' | 'warn' | 'bad' | 'mute' | 'accent';

export const toneIcons: Readonly<Record<Tone, LucideIcon>> = {
  good: CircleCheck,
  warn: TriangleAlert,
  bad: CircleX,
  mute: CircleHelp,
  accent: Info,
};

export function PageHead({
  title,
  lead,
  children,
}: {
  readonly title: string;
  readonly lead?: ReactNode;
  readonly children?: ReactNode;
}) {
  useEffect(() => {
    document.title = `${title} · Sealift`;
  }, [title]);
  return (
    <div className="page-head">
      <div>
        <h1 className="breakable">{title}</h1>
        {lead !== undefined && <p>{lead}</p>}
      </div>
      {children !== undefined && <div className="tools">{children}</div>}
    </div>
  );
}

/** A region of the page with its own heading, which names it for a screen reader. */
export function Card({
  title,
  note,
  tools,
  span = 12,
  children,
}: {
  readonly title: string;
  readonly note?: ReactNode;
  readonly tools?: ReactNode;
  readonly span?: 3 | 4 | 5 | 6 | 7 | 8 | 12;
  readonly children: ReactNode;
}) {
  const id = useId();
  return (
    <section className={`card span-${span}`} aria-labelledby={id}>
      <header>
        <div>
          <h2 id={id}>{title}</h2>
          {note !== undefined && <p>{note}</p>}
        </div>
        {tools !== undefined && <div className="tools">{tools}</div>}
      </header>
      {children}
    </section>
  );
}

/** A sign and a word: the sign tells the state apart where colours do not. */
export function Badge({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }) {
  const Icon = toneIcons[tone];
  return (
    <span className={`badge ${tone}`}>
      <Icon size={13} aria-hidden />
      {children}
    </span>
  );
}

export function Notice({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }) {
  const Icon = toneIcons[tone];
  return (
    <div className={`notice ${tone}`} role={tone === 'bad' ? 'alert' : undefined}>
      <Icon size={17} aria-hidden />
      <div>{children}</div>
    </div>
  );
}

/** The answer of a card in one line, and what it rests on. */
export function Answer({
  tone,
  title,
  children,
}: {
  readonly tone: Tone;
  readonly title: string;
  readonly children?: ReactNode;
}) {
  const Icon = toneIcons[tone];
  return (
    <div className="answer">
      <Icon size={26} className={`sign tone-${tone}`} aria-hidden />
      <div>
        <strong>{title}</strong>
        {children !== undefined && <span className="soft">{children}</span>}
      </div>
    </div>
  );
}

/** A moment: how long ago, with date, time and zone beside it or on request. */
export function Time({
  ms,
  form = 'relative',
}: {
  readonly ms: number | null | undefined;
  readonly form?: 'relative' | 'full' | 'date' | 'both';
}) {
  const say = useSay();
  const format = useFormat();
  const nowMs = useNow();
  if (ms === undefined || ms === null) return <span className="faint">{say('common.never')}</span>;
  const full = format.time(ms);
  const text = {
    relative: () => format.relative(ms, nowMs),
    full: () => full,
    date: () => format.date(ms),
    both: () => `${full} (${format.relative(ms, nowMs)})`,
  }[form];
  return (
    <time dateTime={new Date(ms).toISOString()} title={full}>
      {text()}
    </time>
  );
}

/** Shows for two seconds that the text is in the clipboard. */
export function CopyButton({ text, label }: { readonly text: string; readonly label?: string }) {
  const say = useSay();
  const [isDone, setDone] = useState(false);
  useEffect(() => {
    if (!isDone) return;
    const timer = setTimeout(() => setDone(false), 2000);
    return () => clearTimeout(timer);
  }, [isDone]);
  const name = label ?? say('common.copy');
  return (
    <button
      type="button"
      className="button icon quiet"
      aria-label={isDone ? say('common.copied') : name}
      title={name}
      onClick={() => {
        navigator.clipboard.writeText(text).then(
          () => setDone(true),
          () => setDone(false),
        );
      }}
    >
      {isDone ? <Check size={16} aria-hidden /> : <Copy size={16} aria-hidden />}
    </button>
  );
}

export function CopyBlock({ text, label }: { readonly text: string; readonly label: string }) {
  return (
    <div className="copy-block">
      {/* Long lines and long files are scrolled, by keyboard too. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section tabIndex={0} aria-label={label}>
        <pre>
          <code>{text}</code>
        </pre>
      </section>
      <CopyButton text={text} />
    </div>
  );
}

export function saveFile(content: Blob, fileName: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = fileName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/**
 * What happens in the vault, told to whoever watches: a short memory, so that a watcher whose
 * connection broke goes on where it was, and a bounded number of watchers.
 */

import { randomBytes } from 'node:crypto';
import type { EventData, EventTopic } from '../schemas/events.ts';
import { eventData } from '../schemas/events.ts';

export interface StoredEvent {
  /** `RUN-NUMBER`: numbers of another run of the vault mean nothing. */
  readonly id: string;
  readonly topic: EventTopic;
  /** JSON. */
  readonly data: string;
}

export interface Watcher {
  send(event: StoredEvent): void;
  /** The vault stops. */
  end(): void;
}

const maxEvents = 1000;
const maxWatchers = 200;

export class EventHub {
  readonly #run = randomBytes(4).toString('hex');
  readonly #watchers = new Set<Watcher>();
  #events: StoredEvent[] = [];
  #last = 0;

  get watchers(): number {
    return this.#watchers.size;
  }

  publish<T extends EventTopic>(topic: T, data: EventData<T>): void {
    this.#last += 1;
    const event = { id: `${this.#run}-${this.#last}`, topic, data: encode(topic, data) };
    this.#events.push(event);
    if (this.#events.length > maxEvents * 2) this.#events = this.#events.slice(-maxEvents);
    for (const watcher of this.#watchers) watcher.send(event);
  }

  /**
   * Adds a watcher, after telling it what it missed.
   * @param lastId of the last event that it got; undefined for a new one
   * @returns how to take it away; undefined when there are too many
   */
  watch(
    watcher: Watcher,
    { lastId, nowMs }: { readonly lastId: string | undefined; readonly nowMs: number },
  ): (() => void) | undefined {
    if (this.#watchers.size >= maxWatchers) return undefined;
    const missed = lastId === undefined ? [] : this.#since(lastId);
    const at = new Date(nowMs).toISOString();
    const id = `${this.#run}-${this.#last}`;
    if (missed === undefined) {
      watcher.send({ id, topic: 'reset', data: encode('reset', { at }) });
    } else {
      const data = encode('hello', { at, resumed: lastId !== undefined });
      // Without news its id would be that of an event still to be told.
      watcher.send({ id: missed.length > 0 ? (lastId ?? id) : id, topic: 'hello', data });
      for (const event of missed) watcher.send(event);
    }
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Ends every stream, so that a stop need not wait for them. */
  close(): void {
    for (const watcher of [...this.#watchers]) watcher.end();
    this.#watchers.clear();
  }

  /** Undefined when some of them are forgotten, or the vault was started anew. */
  #since(lastId: string): StoredEvent[] | undefined {
    const [run, text = ''] = lastId.split('-');
    const number = Number(text);
    if (run !== this.#run || !/^\d{1,15}$/.test(text) || number > this.#last) return undefined;
    const missing = this.#last - number;
    if (missing > this.#events.length) return undefined;
    return missing === 0 ? [] : this.#events.slice(-missing);
  }
}

function encode<T extends EventTopic>(topic: T, data: EventData<T>): string {
  return JSON.stringify(eventData[topic].parse(data));
}

/** One event as text/event-stream; JSON has no line breaks of its own. */
export function eventText({ id, topic, data }: StoredEvent): string {
  return `id: ${id}\nevent: ${topic}\ndata: ${data}\n\n`;
}

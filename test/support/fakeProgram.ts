import type { Outlet, OutletEvents } from '../../src/sinks/dispatch/outlet.ts';
import type { HandedProgram, Launcher, Program, ProgramSettings } from '../../src/sinks/dispatch/programPlugin.ts';

/** A reader that takes `room` bytes and then none until it is given more; what it took, it has read unless told so. */
export class FakeOutlet implements Outlet {
  got = '';
  room = Number.POSITIVE_INFINITY;
  unreadBytes = 0;
  isGone = false;
  isFinished = false;
  isClosed = false;
  writes = 0;
  readonly #events: OutletEvents;

  constructor(events: OutletEvents) {
    this.#events = events;
  }

  write(buffers: readonly Uint8Array[], offset: number): number {
    if (this.isClosed) throw new Error('written to after it was closed');
    if (this.isGone) throw Object.assign(new Error('nobody reads'), { code: 'EPIPE' });
    this.writes++;
    const bytes = Buffer.concat(buffers).subarray(offset);
    const taken = Math.min(bytes.length, this.room);
    this.got += bytes.toString('latin1', 0, taken);
    this.room -= taken;
    return taken;
  }

  /** It takes so many bytes more. */
  give(bytes: number): void {
    this.room += bytes;
    this.#events.onWritable();
  }

  leave(): void {
    this.isGone = true;
    this.unreadBytes = Number.POSITIVE_INFINITY;
    this.#events.onGone();
  }

  finish(): void {
    this.isFinished = true;
  }

  close(): void {
    this.isClosed = true;
  }

  detach(): number {
    this.isClosed = true;
    return 99;
  }
}

export class FakeProgram implements Program {
  readonly pid: number;
  readonly outlet: FakeOutlet;
  readonly ended: Promise<string>;
  readonly signals: string[] = [];
  isLetGo = false;
  /** What ends it; SIGKILL always does. */
  endsOn: 'input' | 'SIGTERM' | 'SIGKILL' = 'input';
  #end: (how: string) => void = () => undefined;

  constructor(pid: number, events: OutletEvents) {
    this.pid = pid;
    this.outlet = new FakeOutlet(events);
    this.outlet.finish = () => {
      this.outlet.isFinished = true;
      if (this.endsOn === 'input') this.end('exit code 0');
    };
    this.ended = new Promise(resolve => {
      this.#end = resolve;
    });
  }

  end(how: string): void {
    this.#end(how);
  }

  kill(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.signals.push(signal);
    if (signal === this.endsOn || signal === 'SIGKILL') this.end(signal);
  }

  letGo(): void {
    this.isLetGo = true;
  }
}

export class FakeLauncher implements Launcher {
  readonly launched: FakeProgram[] = [];
  readonly settings: ProgramSettings[] = [];
  /** What the next launches fail with. */
  readonly failures: Error[] = [];
  onLaunch: (program: FakeProgram) => void = () => undefined;

  get last(): FakeProgram {
    const last = this.launched.at(-1);
    if (last === undefined) throw new Error('nothing was launched');
    return last;
  }

  async launch(settings: ProgramSettings, events: OutletEvents): Promise<Program> {
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    this.settings.push(settings);
    const program = new FakeProgram(1000 + this.launched.length, events);
    this.launched.push(program);
    this.onLaunch(program);
    return program;
  }

  adopt(handed: HandedProgram, events: OutletEvents): Program {
    const program = new FakeProgram(handed.pid, events);
    this.launched.push(program);
    return program;
  }
}

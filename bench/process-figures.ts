import { readFile } from 'node:fs/promises';

/** What Linux counts of a process. */
export interface ProcessFigures {
  readonly rssMiB: number;
  readonly peakMiB: number;
  /** User and system. */
  readonly cpuSeconds: number;
}

/** Ticks of /proc a second; 100 on every Linux that Node runs on. */
const TICKS = 100;

export async function figuresOf(pid: number): Promise<ProcessFigures> {
  const [status, stat] = await Promise.all([
    readFile(`/proc/${pid}/status`, 'utf8'),
    readFile(`/proc/${pid}/stat`, 'utf8'),
  ]);
  const mebibytes = (field: string): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) / 1024;
  // Fields after the name of the program, which may hold spaces: utime is the 12th, stime the 13th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return {
    rssMiB: mebibytes('VmRSS'),
    peakMiB: mebibytes('VmHWM'),
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS,
  };
}

/** Whether a process of that id is there. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

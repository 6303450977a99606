import { Option } from 'commander';

/** `-o json`, which every command that answers has. The first format is the default. */
export function outputOption(formats: readonly string[] = ['text', 'json']): Option {
  return new Option('-o, --output <format>', 'how to print').choices(formats).default(formats[0]);
}

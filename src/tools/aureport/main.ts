#!/usr/bin/env node
import { argumentBytes } from '../auditctl/argumentBytes.ts';
import { standardStreams } from '../logs/standardStreams.ts';
import { hostOf } from './host.ts';
import { run } from './run.ts';

run(argumentBytes(), hostOf({ input: 0, output: 1, errors: 2, ...standardStreams })).then(code => {
  process.exitCode = code;
});

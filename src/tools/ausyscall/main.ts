#!/usr/bin/env node
import { machine } from 'node:os';
import { argumentBytes } from '../auditctl/argumentBytes.ts';
import { standardOutput } from '../auditctl/output.ts';
import { run } from './run.ts';

process.exitCode = run(argumentBytes(), { output: standardOutput, machineName: machine });

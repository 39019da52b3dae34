#!/usr/bin/env node
import { runDemo } from './run.ts';

process.exit(await runDemo());

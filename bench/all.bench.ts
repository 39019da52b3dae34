import { runIfMain } from './bench.ts';
import { dispatchBench } from './dispatch.bench.ts';
import { freezeBench } from './freeze.bench.ts';
import { ingestBench } from './ingest.bench.ts';
import { latencyBench } from './latency.bench.ts';
import { rotationBench } from './rotation.bench.ts';
import { rulesBench } from './rules.bench.ts';
import { soakBench } from './soak.bench.ts';
import { startBench } from './start.bench.ts';

await runIfMain(
  import.meta.url,
  ingestBench,
  dispatchBench,
  latencyBench,
  freezeBench,
  startBench,
  rulesBench,
  rotationBench,
  soakBench,
);

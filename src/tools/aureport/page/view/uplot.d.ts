// The chart library stands before this script, under its global name.
declare const uPlot: typeof import('uplot');
declare type uPlot = InstanceType<typeof import('uplot')>;

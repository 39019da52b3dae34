import { addon } from '../binding/addon.ts';
import type { LogSearch, SearchAnswer, SearchInput, SearchRequest, SearchStatistics } from '../binding/search.ts';

export { ESCAPE_MODE, SEARCH_FORMAT } from '../binding/search.ts';
export type { LogSearch, SearchAnswer, SearchInput, SearchRequest, SearchStatistics };

/**
 * A search over a log, in one pass on all processors, ready to run. What it finds goes straight to the descriptors of
 * `request`.
 *
 * @see native/search/README.md
 */
export function newSearch(request: SearchRequest): LogSearch {
  return new addon.LogSearch(request);
}

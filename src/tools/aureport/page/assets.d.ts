// scripts/bundlePage.ts writes the module: what it exports is the text of the page's script and style sheet.

/** The chart library and view/view.ts. Holds no end tag of a script. */
export declare const SCRIPT: string;
/** The chart library's style and view/view.css. */
export declare const STYLE: string;

/** How a server that ends tells those who hand something over: first no new attempts, then none that goes on. */
export interface Stopping {
  readonly noMore: AbortSignal;
  readonly hurry: AbortSignal;
}

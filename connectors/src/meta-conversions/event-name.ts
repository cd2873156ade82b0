/** Names of events as Meta's optimisation knows them; every other name is sent as it is, as a custom event. */
const STANDARD = new Map([
  ['Products Searched', 'Search'],
  ['Product Viewed', 'ViewContent'],
  ['Product Added', 'AddToCart'],
  ['Product Added to Wishlist', 'AddToWishlist'],
  ['Checkout Started', 'InitiateCheckout'],
  ['Payment Info Entered', 'AddPaymentInfo'],
  ['Order Completed', 'Purchase'],
]);

export function metaEventName(name: string): string {
  return STANDARD.get(name) ?? name;
}

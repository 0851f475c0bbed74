/** A vault says so when it has stored a lock: its listings show all that was saved before they began. */
export const listingHeader = 'sealift-listing';
export const currentListing = 'current';

/** Profiles as the API reads them; only the lane writes them. */
export {
  findCustomer,
  listCustomers,
  readCustomer,
  type CustomerRow,
  type CustomerSummary,
} from './customers.js';
export { readTimeline, type TimelineEvent, type TimelinePage } from './timeline.js';

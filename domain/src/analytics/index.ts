export { monthlyCohorts, type MonthlyCohort } from './cohorts.js';
export { summariseOrders, type CustomerOrders, type Order } from './orders.js';
export { ntile, scoreRfm, type RfmScore } from './rfm.js';

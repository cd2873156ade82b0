export { customerJourney } from './customer-journey.workflow.js';

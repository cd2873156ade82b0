import { describe, expect, it } from '@jest/globals';
import { namesRecommendations } from './index.js';

describe('a template', () => {
  it.each([
    '{% for item in recommendations %}{{ item.name }}{% endfor %}',
    '{{ recommendations[0].name }}',
    '{{recommendations.first.url}}',
    '{%- if recommendations.size > 0 -%}x{%- endif -%}',
    '{% liquid\n assign best = recommendations | first\n echo best.name %}',
    'a {{ name }} b {{ "x" | append: recommendations }}',
  ])('that says %j names recommendations', (html) => {
    expect(namesRecommendations({ subject: 's', html })).toBe(true);
    expect(namesRecommendations({ subject: 's', text: html })).toBe(true);
    expect(namesRecommendations({ subject: html })).toBe(true);
  });

  it.each([
    'Hello {{ name }}',
    '{{ traits.my_recommendations_list }}',
    '{{ recommendation.name }}',
    '',
  ])('that says %j does not', (html) => {
    expect(namesRecommendations({ subject: 's', html })).toBe(false);
  });
});

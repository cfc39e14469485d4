import classes from "./BarChart.module.css";

interface Bar {
  key: string;
  label: string;
  /** values are one for each of the series, from the bottom up. */
  values: readonly number[];
}

interface BarChartProps {
  series: readonly string[];
  bars: readonly Bar[];
  /** every says which labels there is room for: each, or every seventh. */
  every?: number;
}

/**
 * BarChart is a picture of figures. It is for the eye alone: the page says the same figures in a table beneath, so screen
 * readers are not led through it. Series differ in pattern too, not in colour alone.
 */
export function BarChart({ series, bars, every = 1 }: BarChartProps) {
  const sum = (b: Bar) => b.values.reduce((a, v) => a + v, 0);
  const most = Math.max(1, ...bars.map(sum));
  return (
    <div className={classes.chart} aria-hidden="true">
      {series.length > 1 && (
        <ul className={classes.legend}>
          {series.map((name, i) => (
            <li key={name}>
              <span className={classes.swatch} data-series={i} />
              {name}
            </li>
          ))}
        </ul>
      )}
      <div className={classes.bars} data-dense={every > 1}>
        {bars.map((b, i) => (
          <div key={b.key} className={classes.bar} title={titleOf(b, series)}>
            <div className={classes.column}>
              {b.values.map((v, s) => (
                <div key={series[s]} data-series={s} style={{ height: `${(100 * v) / most}%` }} />
              ))}
              <span className={classes.sum}>{sum(b) > 0 ? sum(b) : ""}</span>
            </div>
            <span className={classes.label}>{(bars.length - 1 - i) % every === 0 ? b.label : ""}</span>
          </div>
        ))}
      </div>
    </div>
  );
}

function titleOf(bar: Bar, series: readonly string[]): string {
  return [bar.label, ...series.map((name, i) => `${name}: ${bar.values[i] ?? 0}`)].join("\n");
}

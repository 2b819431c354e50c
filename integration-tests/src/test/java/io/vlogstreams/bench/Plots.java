/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.knowm.xchart.style.AxesChartStyler.TextAlignment.Centre;

import de.erichseifert.vectorgraphics2d.VectorGraphics2D;
import de.erichseifert.vectorgraphics2d.svg.SVGProcessor;
import de.erichseifert.vectorgraphics2d.util.PageSize;
import java.awt.Color;
import java.awt.Font;
import java.awt.geom.AffineTransform;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Optional;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.CategorySeries;
import org.knowm.xchart.CategorySeries.CategorySeriesRenderStyle;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;

/** Plots results as SVG files: medians, with a group of bars per size of values and a colour per store. */
record Plots(Results results) {

    private static final int CHART_WIDTH = 560;
    private static final int CHART_HEIGHT = 330;
    private static final int COLUMNS = 2;
    private static final int FOOTER_HEIGHT = 34;
    private static final int FOOTER_MARGIN = 12;
    private static final Color FOREGROUND = new Color(0x33, 0x33, 0x33);
    private static final Color GRID = new Color(0xdd, 0xdd, 0xdd);

    /**
     * One chart.
     *
     * @param logarithmic whether the axis is logarithmic, for figures that differ by orders of magnitude
     */
    private record Panel(String title, Workload workload, Figure figure, boolean logarithmic) {}

    void write(Path folder) throws IOException {
        write(
                folder.resolve("throughput.svg"),
                new Panel("Load", Workload.LOAD, Figure.MB_PER_SECOND, false),
                new Panel("Overwrite at random", Workload.OVERWRITE_UNIFORM, Figure.MB_PER_SECOND, false),
                new Panel("Get", Workload.READ_UNIFORM, Figure.OPS_PER_SECOND, false),
                new Panel("Read-modify-write", Workload.READ_MODIFY_WRITE, Figure.MB_PER_SECOND, false),
                new Panel("Scan in key order", Workload.SCAN, Figure.MB_PER_SECOND, false),
                new Panel("Restore", Workload.RESTORE, Figure.MB_PER_SECOND, false));
        write(
                folder.resolve("latency.svg"),
                new Panel(
                        "Put, overwriting at random, p99.9", Workload.OVERWRITE_UNIFORM, Figure.PUT_P999_MICROS, true),
                new Panel("Get, p99.9", Workload.READ_UNIFORM, Figure.GET_P999_MICROS, true),
                new Panel("Query while writing, p99.9", Workload.QUERIES_DURING_WRITES, Figure.GET_P999_MICROS, true),
                new Panel("Open after a clean end", Workload.OPEN_CLEAN, Figure.OPEN_MILLIS, false));
        write(
                folder.resolve("costs.svg"),
                new Panel(
                        "Bytes written per byte put",
                        Workload.OVERWRITE_UNIFORM,
                        Figure.PROCESS_WRITES_PER_BYTE,
                        false),
                new Panel("Space, peak, per live byte", Workload.OVERWRITE_UNIFORM, Figure.SPACE_PEAK, false),
                new Panel("CPU while overwriting", Workload.OVERWRITE_UNIFORM, Figure.CPU_SECONDS_PER_GB, true),
                new Panel("Native memory, peak", Workload.OVERWRITE_UNIFORM, Figure.NATIVE_PEAK_MIB, false));
        write(
                folder.resolve("end-to-end.svg"),
                new Panel("Aggregation on a broker", Workload.END_TO_END, Figure.OPS_PER_SECOND, false),
                new Panel("Latency at a fixed rate, p99", Workload.END_TO_END, Figure.LATENCY_P99_MILLIS, false));
    }

    private void write(Path file, Panel... panels) throws IOException {
        List<CategoryChart> charts = new ArrayList<>();
        for (Panel panel : panels) {
            chart(panel).ifPresent(charts::add);
        }
        if (charts.isEmpty()) {
            return;
        }
        int columns = Math.min(COLUMNS, charts.size());
        int width = CHART_WIDTH * columns;
        int height = CHART_HEIGHT * ((charts.size() + columns - 1) / columns) + FOOTER_HEIGHT;
        VectorGraphics2D graphics = new VectorGraphics2D();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, width, height);
        AffineTransform origin = graphics.getTransform();
        for (int i = 0; i < charts.size(); i++) {
            graphics.setTransform(origin);
            graphics.translate(i % columns * CHART_WIDTH, i / columns * CHART_HEIGHT);
            charts.get(i).paint(graphics, CHART_WIDTH, CHART_HEIGHT);
        }
        graphics.setTransform(origin);
        graphics.setColor(FOREGROUND);
        graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 10));
        graphics.drawString(results.conditions().line(), FOOTER_MARGIN, height - FOOTER_MARGIN);
        ByteArrayOutputStream svg = new ByteArrayOutputStream();
        new SVGProcessor()
                .getDocument(graphics.getCommands(), new PageSize(width, height))
                .writeTo(svg);
        // Letters are outlines, with more digits than are visible.
        Files.writeString(file, svg.toString(UTF_8).replaceAll("(\\.\\d\\d)\\d+", "$1"));
    }

    private Optional<CategoryChart> chart(Panel panel) {
        List<String> values = results.values().stream()
                .filter(size -> results.stores().stream()
                        .anyMatch(store -> summary(store, size, panel).isPresent()))
                .toList();
        CategoryChart chart = new CategoryChartBuilder()
                .width(CHART_WIDTH)
                .height(CHART_HEIGHT)
                .title(panel.title())
                .xAxisTitle("size of a value")
                .yAxisTitle(panel.figure().label())
                .build();
        style(chart, panel);
        for (StoreKind store : results.stores()) {
            // The in-memory store and the bare file would dwarf all other bars; the tables have them.
            boolean comparable = store != StoreKind.MEMORY && store != StoreKind.RAW;
            if (comparable
                    && values.stream()
                            .anyMatch(size -> summary(store, size, panel).isPresent())) {
                List<Double> medians = values.stream()
                        .map(size ->
                                summary(store, size, panel).map(Summary::median).orElse(0.0))
                        // A logarithmic axis has no smaller values.
                        .map(median -> panel.logarithmic() ? Math.max(median, 0.1) : Math.max(median, 0))
                        .toList();
                CategorySeries series = chart.addSeries(store.label(), values, medians);
                series.setFillColor(color(store));
                series.setLineColor(color(store));
                series.setMarkerColor(color(store));
            }
        }
        if (panel.logarithmic()) {
            limitToDecades(chart);
        }
        return chart.getSeriesCollection().isEmpty() ? Optional.empty() : Optional.of(chart);
    }

    /** Limits a logarithmic axis to whole decades, which alone have a number. */
    private static void limitToDecades(CategoryChart chart) {
        DoubleSummaryStatistics all = chart.getSeriesCollection().stream()
                .flatMapToDouble(series -> Arrays.stream(series.getYData()))
                .summaryStatistics();
        if (all.getCount() > 0) {
            double min = Math.pow(10, Math.floor(Math.log10(all.getMin())));
            double max = Math.pow(10, Math.ceil(Math.log10(all.getMax())));
            chart.getStyler().setYAxisMin(min).setYAxisMax(Math.max(max, 10 * min));
        }
    }

    private Optional<Summary> summary(StoreKind store, String values, Panel panel) {
        return results.summary(store, values, panel.workload(), panel.figure());
    }

    private static void style(CategoryChart chart, Panel panel) {
        Font plain = new Font(Font.SANS_SERIF, Font.PLAIN, 11);
        chart.getStyler()
                .setAvailableSpaceFill(0.8)
                // A bar starts at zero, which a logarithmic axis does not have.
                .setDefaultSeriesRenderStyle(
                        panel.logarithmic() ? CategorySeriesRenderStyle.Line : CategorySeriesRenderStyle.Bar)
                .setOverlapped(panel.logarithmic())
                .setYAxisLogarithmic(panel.logarithmic())
                .setYAxisDecimalPattern("#,##0.##")
                .setPlotGridVerticalLinesVisible(false)
                .setPlotGridLinesColor(GRID)
                .setAxisTickLabelsFont(plain)
                .setAxisTitleFont(plain)
                .setXAxisLabelAlignment(Centre)
                .setLegendPosition(LegendPosition.OutsideS)
                .setLegendLayout(LegendLayout.Horizontal)
                .setLegendFont(plain)
                .setLegendBorderColor(Color.WHITE)
                .setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 13))
                .setChartTitleBoxVisible(false)
                .setChartBackgroundColor(Color.WHITE)
                .setChartFontColor(FOREGROUND)
                .setPlotBorderVisible(false)
                .setPlotBackgroundColor(Color.WHITE);
    }

    /** Returns a colour that colour-blind readers can tell apart. */
    private static Color color(StoreKind store) {
        return switch (store) {
            case VLOG -> new Color(0xd5, 0x5e, 0x00);
            case ROCKSDB -> new Color(0x00, 0x72, 0xb2);
            case BLOBDB -> new Color(0x56, 0xb4, 0xe9);
            case BLOBDB_FORCED -> new Color(0x99, 0x99, 0x99);
            case MEMORY -> new Color(0x00, 0x9e, 0x73);
            case RAW -> new Color(0xf0, 0xe4, 0x42);
        };
    }
}
